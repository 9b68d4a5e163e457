using System.Net;
using System.Net.Sockets;
using Portal.Kubernetes.Client.Auth;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Client;

public sealed class HeaderLinesTests
{
    [Fact]
    public async Task Send_OnTheWire_OnlyHeadersOfSeveralValuesHaveSeveralLines()
    {
        var lines = await SendAsync(
            ("Impersonate-User", "Jörg\u001froot"), ("Impersonate-Uid", "1\u001f2"), ("Impersonate-Group", HeaderLines.Join(["devs", "the ops, all", "Büro", "a\u001fb"])),
            ("Impersonate-Extra-scope", HeaderLines.Join(["read", "write"])));

        Assert.Equal(
            [
                "Impersonate-User: Jörg\u001froot", "Impersonate-Uid: 1\u001f2", "Impersonate-Group: devs", "Impersonate-Group: the ops, all", "Impersonate-Group: Büro",
                "Impersonate-Extra-scope: read", "Impersonate-Extra-scope: write",
            ],
            lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann\u001froot")]
    [InlineData("ann\r\nroot")]
    public void As_NameThatNoHeaderHolds_IsRefused(string name) =>
        Assert.StartsWith("Nobody can be impersonated", Assert.Throws<ArgumentException>(() => new FakeServer().Client.As(name, [])).Message, StringComparison.Ordinal);

    /// <summary>The lines of the request that begin with Impersonate-.</summary>
    private static async Task<List<string>> SendAsync(params (string Name, string Value)[] headers)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = HeaderLines.Of, UseProxy = false };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{listener.LocalEndpoint}/");
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        var sending = client.SendAsync(request, default);
        using var connection = await listener.AcceptTcpClientAsync().WaitAsync(ManualTimeProvider.Patience);
        using var reader = new StreamReader(connection.GetStream());
        List<string> lines = [];
        while (await reader.ReadLineAsync().WaitAsync(ManualTimeProvider.Patience) is { Length: > 0 } line)
        {
            lines.Add(line);
        }

        await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray());
        using var response = await sending;
        return [.. lines.Where(line => line.StartsWith("Impersonate-", StringComparison.Ordinal))];
    }
}
