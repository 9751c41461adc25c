using System.Reflection;
using System.Text.RegularExpressions;
using Guide;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.TestKit;
using TgtModular.Transports;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace TgtModular.Guides.Tests;

/// <summary>The pages of sdk/docs agree with the contract and with each other. The code in them is compiled into this assembly, and its tests run with these.</summary>
[TestClass]
public sealed partial class GuideTests
{
    private static readonly string Directory = typeof(GuideTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "Guides").Value!;

    [TestMethod]
    [DataRow("stores.md", typeof(IStoreFactory), typeof(StoreOpenContext), typeof(IBackingStore), typeof(IBlockStore), typeof(IImmediateBlockStore), typeof(IStoreBuffers))]
    [DataRow("stores.md", typeof(IMediumStore), typeof(IStoreObserver), typeof(StoreInfo), typeof(StoreCapabilities), typeof(StoreExecution))]
    [DataRow("device-types.md", typeof(IDeviceTypeFactory), typeof(DeviceServerContext), typeof(IDeviceServer), typeof(ILogicalUnit), typeof(CommandDescriptor))]
    [DataRow("device-types.md", typeof(IRemovableMedium), typeof(IParameterVerbs), typeof(IUnitConditionSource), typeof(IMediumCreator))]
    [DataRow("transports.md", typeof(ITransportFactory), typeof(TransportCreateContext), typeof(ITransport), typeof(ISessionDirectory), typeof(IReconfigurable))]
    [DataRow("transports.md", typeof(ITransportConditionSource), typeof(ITransportObserver), typeof(ITransportHost), typeof(ITransportTarget), typeof(INexus))]
    [DataRow("transports.md", typeof(ICommandTransport), typeof(INexusObserver))]
    [DataRow("errors.md", typeof(StorageStatus))]
    public void Guide_OfAContract_SpeaksOfEachMember(string guide, params Type[] types)
    {
        string text = Read(guide);
        string[] missing =
        [
            .. from type in types
               from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(NameOf).OfType<string>().Distinct()
               where !Regex.IsMatch(text, $@"`[^`]*\b{member}\b[^`]*`")
               select $"{type.Name}.{member}",
        ];
        Assert.IsEmpty(missing, $"{guide} does not speak of {string.Join(", ", missing)}");
    }

    [TestMethod]
    public void Guides_Links_LeadSomewhere()
    {
        foreach (string guide in System.IO.Directory.GetFiles(Directory, "*.md"))
        {
            foreach (Match link in Link.Matches(File.ReadAllText(guide)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal)) continue;
                Assert.IsTrue(Path.Exists(Path.Combine(Directory, target)), $"{Path.GetFileName(guide)}: {target}");
            }
        }
    }

    [TestMethod]
    public void Guides_All_AreInTheList()
    {
        string list = Read("README.md");
        foreach (string guide in System.IO.Directory.GetFiles(Directory, "*.md").Select(path => Path.GetFileName(path)).Where(name => name != "README.md"))
            Assert.Contains($"({guide})", list);
    }

    [TestMethod]
    public async Task KnockTransport_OfTheGuide_AsksEachTargetAndLeaves()
    {
        using TestHost host = new();
        TestEngine engine = new();
        TestTarget target = engine.Add(new TestTarget("disk", host.Buffers));
        KnockFactory factory = new();

        await using (ITransport transport = factory.Create(new TransportCreateContext(OptionValues.Empty, engine, host)))
        {
            await transport.StartAsync(CancellationToken.None);
            await transport.DrainAsync(CancellationToken.None);
        }

        Assert.HasCount(1, target.Nexuses);
        Assert.IsTrue(target.Nexus.IsClosed);
        Assert.Contains("LUN 1 of disk answers Good", string.Join('\n', host.Log.Entries.Select(entry => entry.Text)));
    }

    /// <summary>Methods of properties and records count as what they belong to; a type's own text form as nothing.</summary>
    private static string? NameOf(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } => null,
        MethodInfo { Name: "ToString" or "Equals" or "GetHashCode" or "<Clone>$" or "Deconstruct" } => null,
        MethodInfo { Name: "Has" } => null,
        ConstructorInfo or FieldInfo { Name: "value__" } => null,
        Type => null,
        _ => member.Name,
    };

    private static string Read(string guide) => File.ReadAllText(Path.Combine(Directory, guide));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link { get; }
}
