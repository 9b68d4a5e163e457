using System.Diagnostics;
using System.Globalization;
using System.Text;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Notifications;

/// <summary>A real mail server, from npm, as a process of its own on a free port.</summary>
internal sealed class SmtpPeer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private SmtpPeer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<SmtpPeer> StartAsync(params string[] arguments)
    {
        if (!Directory.Exists(Repository.Path("e2e", "node_modules", "smtp-server")))
        {
            throw new InvalidOperationException("The mail server of the tests is not installed. Run: npm ci --prefix e2e");
        }

        var process = Process.Start(new ProcessStartInfo("node", [Repository.Path("e2e", "support", "smtp-peer.mjs"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) ?? throw new InvalidOperationException("The mail server ended before it listened.");
        return new SmtpPeer(process, int.Parse(line["listening on ".Length..], CultureInfo.InvariantCulture));
    }

    /// <summary>The next mail that was taken.</summary>
    public async Task<JsonObject> NextAsync() => JsonNode.Parse((await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience))!)!.AsObject();

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
