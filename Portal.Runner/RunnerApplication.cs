namespace Portal.Runner;

/// <summary>The flow runner as a process.</summary>
public static class RunnerApplication
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(0);
}
