namespace Portal.Runner.Hosting;

/// <summary>Watches standard input: it closes when the parent process ends, however it ends.</summary>
internal static class StandardInput
{
    /// <summary>Runs <paramref name="closed"/> once, on its own background thread, when standard input closes.</summary>
    public static void WhenClosed(Action closed) => new Thread(() =>
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (input.Read(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A broken pipe is a closed one.
        }

        closed();
    })
    {
        IsBackground = true,
        Name = "stdin",
    }.Start();
}
