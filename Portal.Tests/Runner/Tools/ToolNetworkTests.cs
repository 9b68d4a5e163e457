using System.Net;
using System.Net.Sockets;
using Portal.Runner.Tools;

namespace Portal.Tests.Runner.Tools;

public class ToolNetworkTests
{
    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("10.0.0.8", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("2606:2800:220:1::1", true)]
    [InlineData("fd12:3456::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("169.254.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("2002:a9fe:a9fe::1", false)]
    [InlineData("::a9fe:a9fe", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fd20:ce::254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    public void Allows_Address_KeepsOffForbiddenPlaces(string address, bool expected) => Assert.Equal(expected, new ToolNetwork().Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("169.254.169.254", false)]
    public void Allows_LoopbackAllowed_OpensNothingElse(string address, bool expected) =>
        Assert.Equal(expected, new ToolNetwork { AllowLoopback = true }.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://2852039166/")] // the same address, as one number
    [InlineData("http://localhost:1/")]
    [InlineData("http://metadata.test/")]
    public async Task CallAsync_ForbiddenPlace_IsNotConnectedTo(string url)
    {
        using var catalog = ToolCatalog.Create(new ToolNetwork
        {
            Resolve = static (host, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(host == "localhost" ? "127.0.0.1" : "169.254.169.254")]),
        });
        var tool = new ToolDescriptor { Name = "t", Kind = "http", Settings = new JsonObject { ["url"] = url } };

        var error = await Assert.ThrowsAsync<ToolException>(() => catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None));

        Assert.Contains("tools may not connect to", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", true)]
    [InlineData("http://[::ffff:127.0.0.1]:1/", true)]
    [InlineData("http://2130706433:1/", true)]
    [InlineData("http://0x7f.1:1/", true)]
    [InlineData("http://169.254.169.254/", false)]
    public async Task CallAsync_Loopback_NamesTheVariableThatAllowsIt(string url, bool expected)
    {
        using var catalog = ToolCatalog.Create(new ToolNetwork());
        var tool = new ToolDescriptor { Name = "t", Kind = "http", Settings = new JsonObject { ["url"] = url } };

        var error = await Assert.ThrowsAsync<ToolException>(() => catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None));

        Assert.Contains("tools may not connect to", error.Message, StringComparison.Ordinal);
        Assert.Equal(expected, error.Message.Contains(ToolNetwork.LoopbackVariable, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallAsync_NameChangesItsAddress_ConnectsToTheOneThatWasChecked()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = 0;
        using var catalog = ToolCatalog.Create(new ToolNetwork
        {
            AllowLoopback = true,
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "127.0.0.1" : "169.254.169.254")]),
        });
        var tool = new ToolDescriptor { Name = "t", Kind = "http", Settings = new JsonObject { ["url"] = $"http://rebind.test:{((IPEndPoint)listener.LocalEndpoint).Port}/" } };

        var calling = catalog.Of(tool).CallAsync(new ToolCall(tool, null, 0), CancellationToken.None);
        using (await listener.AcceptTcpClientAsync())
        {
        }

        await Assert.ThrowsAsync<ToolException>(() => calling);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("http://api.example.com/x", true)]
    [InlineData("http://API.example.com/x", true)]
    [InlineData("http://example.com/x", false)]
    [InlineData("http://evilexample.com/x", false)]
    [InlineData("http://exact.test/x", true)]
    [InlineData("http://sub.exact.test/x", false)]
    public void Require_AllowedHosts_AreTheOnlyOnes(string url, bool expected)
    {
        var network = ToolNetwork.FromEnvironment(static name => name == ToolNetwork.HostsVariable ? "*.example.com, exact.test" : null);

        if (expected)
        {
            Assert.Equal(url, network.Require(url).OriginalString);
        }
        else
        {
            Assert.Contains(ToolNetwork.HostsVariable, Assert.Throws<ToolException>(() => network.Require(url)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://x/")]
    [InlineData("http://user:secret@x/")]
    public void Require_NoHttpUrl_SaysSo(string? url) => Assert.DoesNotContain("secret", Assert.Throws<ToolException>(() => new ToolNetwork().Require(url)).Message, StringComparison.Ordinal);
}
