using TgtModular.Tgt.Tools;
using TgtModular.Tgt.Tools.Tgtadm;

return AdminTool.Run(args, ToolStreams.OfProcess());
