using TgtModular.Buffers;
using TgtModular.Iscsi.Configuration;
using TgtModular.Plugins;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests;

/// <summary>A target with the options that iSCSI has for one.</summary>
internal sealed class IscsiTarget(string name, IBufferPool buffers, params (string Key, object Value)[] options) : TestTarget(name, buffers, new OptionValues(
    TargetOptions.Schema, options.Append((TargetOptions.Name, name)).ToDictionary(pair => pair.Item1, pair => pair.Item2)));
