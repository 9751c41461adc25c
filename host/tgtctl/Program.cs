using TgtModular.Tool;

return await ToolCommand.InvokeAsync(args);
