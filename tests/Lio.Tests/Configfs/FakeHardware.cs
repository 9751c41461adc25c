namespace TgtModular.Lio.Tests.Configfs;

/// <summary>A port of a QLogic adapter.</summary>
internal sealed class FakeQLogicPort
{
    /// <summary>Its mode is <c>enabled</c>.</summary>
    public bool IsInitiatorOnly { get; init; }

    /// <summary>A target has it.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Its port group is enabled.</summary>
    public bool IsEnabled { get; set; }
}

/// <summary>What the machine has.</summary>
internal sealed class FakeHardware
{
    public Dictionary<string, FakeQLogicPort> QLogic { get; } = [];

    /// <summary>Ports of RDMA devices by the name that srpt gives them.</summary>
    public HashSet<string> Rdma { get; } = [];

    /// <summary>Port numbers at which something else waits for RDMA connections.</summary>
    public HashSet<int> UsedRdmaPorts { get; } = [];

    /// <summary>Unit addresses of ibmvscsis.</summary>
    public HashSet<string> Vio { get; } = [];
}
