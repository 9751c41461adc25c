namespace TgtModular.Tgt.Tools.Admin;

/// <summary>What <c>tgt-admin --help</c> prints.</summary>
internal static class TargetAdminHelp
{
    public static string Text { get; } = $"""
        tgt-admin {ToolVersion.Text}: makes a running SCSI target daemon have what targets.conf says.

        Usage: tgt-admin ACTION [OPTION]...

        Actions
          -e, --execute              make the targets of the file that the daemon has not
              --update TARGET        make TARGET as the file has it; one that is in no file goes
          -d, --delete TARGET        remove TARGET
              --offline TARGET       let no commands through to TARGET
              --ready TARGET         let them through again
          -s, --show                 show all targets of the daemon
              --dump                 write a targets.conf of what the daemon has; passwords and what the daemon
                                     does not show (vendor, write cache, mode pages) are to be added
          -h, --help                 this text
        TARGET is ALL, tid=NUMBER or a name. A target that an initiator uses is updated and deleted with --force only.

        Options
          -c, --conf FILE            the file ({AdminSettings.DefaultConfiguration})
          -C, --control-port PORT    which daemon, by its control port (0)
          -f, --force                also targets, files and devices that are in use
              --ignore-errors        go on when the daemon refuses something
          -p, --pretend              only print what would be done, as tgtadm commands with their passwords
          -v, --verbose              print what is done

        """;
}
