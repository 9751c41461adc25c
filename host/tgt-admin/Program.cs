using TgtModular.Tgt.Tools;
using TgtModular.Tgt.Tools.Admin;

return TargetAdminTool.Run(args, ToolStreams.OfProcess());
