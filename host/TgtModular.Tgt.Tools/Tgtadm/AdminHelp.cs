namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>What <c>tgtadm --help</c> prints.</summary>
internal static class AdminHelp
{
    public static string Text { get; } = $"""
        tgtadm {ToolVersion.Text}: asks the running SCSI target daemon for one thing.

        Usage: tgtadm [--lld DRIVER] --mode MODE --op OPERATION [OPTION]...

        System (--mode system, sys)
          --op show                                   drivers, backing stores, device types
          --op stat                                   counters of all targets
          --op update --name NAME --value VALUE       State, debug, iSNS and its settings
          --op delete                                 end the daemon; returns when it is gone

        Targets (--mode target, tgt)
          --op show [--tid ID]                        all targets, or the parameters of one
          --op new --tid ID --targetname NAME         a new target; ID is not 0
          --op delete --tid ID [--force]              remove it; with --force also in use
          --op update --tid ID --name NAME --value VALUE
          --op bind | unbind --tid ID --initiator-address ADDRESS
          --op bind | unbind --tid ID --initiator-name NAME
                                                      who may use it: ALL, an address, a network, a name
          --op stat --tid ID                          its counters

        Logical units (--mode logicalunit, lu)
          --op new --tid ID --lun LUN --backing-store PATH [--bstype TYPE] [--bsopts OPTIONS]
              [--bsoflags sync|direct|sync:direct] [--blocksize BYTES]
              [--device-type disk|cd|tape|changer|osd|pt]
          --op update --tid ID --lun LUN --params NAME=VALUE[,NAME=VALUE]...
          --op delete --tid ID --lun LUN
          --op stat --tid ID --lun LUN

        Accounts (--mode account)
          --op show
          --op new --user NAME --password PASSWORD
          --op delete --user NAME
          --op bind | unbind --tid ID --user NAME [--outgoing]
                                                      without --tid: for discovery

        Portals (--mode portal, pt)
          --op show
          --op new | delete --params portal=ADDRESS:PORT

        Drivers (--mode lld)
          --op show | start | stop --lld DRIVER

        Sessions and connections (--mode session, sess, connection, conn)
          --mode session --op stat --tid ID --sid SESSION
          --mode connection --op show | stat --tid ID
          --mode connection --op delete --tid ID --sid SESSION --cid CONNECTION

        Everywhere
          -C, --control-port PORT    which daemon, by its control port (0)
          -d, --debug                tell what is sent where
          -h, --help                 this text
          -V, --version              the version

        Letters: -L --lld, -m --mode, -o --op, -t --tid, -s --sid, -c --cid, -l --lun, -n --name, -v --value,
          -b --backing-store, -E --bstype, -S --bsopts, -f --bsoflags, -y --blocksize, -Y --device-type, -P --params,
          -T --targetname, -I --initiator-address, -Q --initiator-name, -B --bus, -H --host, -u --user, -p --password.
        The socket is $TGT_IPC_SOCKET.PORT, else /var/run/tgtd/socket.PORT.

        """;
}
