using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>What a TCMU device is to be served with. The kernel's device says neither initiator nor LUN: it stands for one LUN of one I_T nexus.</summary>
/// <param name="Name">Name of its UIO device: <c>tcm-user/HBA/NAME/CONFIG</c>.</param>
/// <param name="Nexus">The nexus, which the caller opens and closes; several devices may share it.</param>
/// <param name="Lun">The LUN that commands are addressed to.</param>
public sealed record TcmuDeviceRequest(string Name, INexus Nexus, Lun Lun)
{
    /// <summary>What becomes of commands that a former handler left.</summary>
    public Takeover Takeover { get; init; } = Takeover.AnswerBusy;

    /// <summary>
    /// True: commands that the kernel aborts are aborted here as well; right where the fabric then says nothing of them (Fibre Channel, SRP). False: they
    /// end as they would have. The loopback of Linux 6.1 tells its initiator GOOD for an aborted command, done or not, so that a write that was not
    /// done, or a read without its data, would be taken for good; so does whatever answers from its release_cmd.
    /// </summary>
    public bool AbortsCommands { get; init; }

    /// <summary>Directory of the backend in configfs; null: <c>/sys/kernel/config/target/core/user_HBA/NAME</c>, from the name.</summary>
    public string? BackendDirectory { get; init; }

    /// <summary>How long the device may take to appear.</summary>
    public TimeSpan AppearanceLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long commands may take to end when the device is disposed, before they are aborted; the same again before they are given up.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(10);
}
