using TgtModular.Tgt.Tools;
using TgtModular.Tgt.Tools.SetupLun;

return SetupLunTool.Run(args, ToolStreams.OfProcess());
