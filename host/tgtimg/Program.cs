using TgtModular.Tgt.Tools;
using TgtModular.Tgt.Tools.Images;

return ImageTool.Run(args, ToolStreams.OfProcess());
