using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Iscsi;

/// <summary>Makes the iSCSI target (RFC 7143). See README.md for its options.</summary>
[ExportTransport("iscsi")]
public sealed class IscsiTransportFactory : ITransportFactory
{
    /// <inheritdoc/>
    public OptionSchema Options => TransportOptions.Schema;

    /// <inheritdoc/>
    public OptionSchema TargetOptions => Configuration.TargetOptions.Schema;

    /// <inheritdoc/>
    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        problem = string.Empty;
        if (!IscsiName.TryNormalize(name, out normalized, out IscsiNameError error) || !IscsiName.IsWellFormed(normalized, out error))
            problem = Explain(error);
        return problem.Length == 0;
    }

    /// <inheritdoc/>
    public ITransport Create(TransportCreateContext context) => new IscsiTransport(context);

    private static string Explain(IscsiNameError error) => error switch
    {
        IscsiNameError.BadLength => $"an iSCSI name has 1 to {IscsiName.MaxLength} bytes",
        IscsiNameError.UnknownType => "an iSCSI name begins with iqn., eui. or naa.",
        IscsiNameError.ProhibitedCharacter => "an iSCSI name has letters, digits, '-', '.' and ':' only",
        _ => "write iqn.yyyy-mm.reversed.domain[:string], eui. with 16 hexadecimal digits, or naa. with 16 or 32",
    };
}
