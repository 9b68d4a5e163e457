using Portal.Runner;

return await RunnerApplication.RunAsync(args);
