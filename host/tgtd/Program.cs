using TgtModular.Daemon;

return await TgtdCommand.InvokeAsync(args);
