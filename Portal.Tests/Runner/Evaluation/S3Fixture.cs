using System.Diagnostics;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>A bucket in a process of its own that verifies signatures with aws4, an independent implementation from npm.</summary>
public sealed class S3Fixture : IAsyncLifetime
{
    /// <summary>Access key and secret key.</summary>
    public const string Key = "the-key-of-tests";
    public const string Bucket = "results";
    private Process? _process;

    public Uri Address { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!Directory.Exists(Repository.Path("e2e", "node_modules", "aws4")))
        {
            throw new InvalidOperationException("aws4 is not installed. Run: npm ci --prefix e2e");
        }

        var script = Repository.Path("Portal.Tests", "Runner", "Evaluation", "s3-server.mjs");
        _process = Process.Start(new ProcessStartInfo("node", [script, Repository.Path("e2e", "package.json"), Bucket, Key])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Address = new Uri($"http://127.0.0.1:{await _process.StandardOutput.ReadLineAsync(limit.Token)}");
    }

    public Task DisposeAsync()
    {
        _process?.Kill();
        _process?.Dispose();
        return Task.CompletedTask;
    }
}
