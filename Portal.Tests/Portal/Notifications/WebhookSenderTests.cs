using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.Features.Notifications;

namespace Portal.Tests.Portal.Notifications;

public sealed class WebhookSenderTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private readonly WebhookVault _vault = new(new EphemeralDataProtectionProvider());

    [Fact]
    public async Task Send_Receiver_CanCheckTheSignature()
    {
        string? body = null;
        IHeaderDictionary? headers = null;
        await using var receiver = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            (body, headers) = (await reader.ReadToEndAsync(), new HeaderDictionary(context.Request.Headers.ToDictionary()));
        });

        var result = await SendAsync(receiver, """{"text":"Größe"}""");

        Assert.Equal(DeliveryResult.Sent, result);
        Assert.Equal("""{"text":"Größe"}""", body);
        Assert.Equal("id-1", headers![WebhookSender.IdHeader]);
        var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{headers[WebhookSender.TimeHeader]}.{body}"));
        Assert.Equal("sha256=" + Convert.ToHexStringLower(signed), headers[WebhookSender.SignatureHeader]);
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(429, false)]
    [InlineData(408, false)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    [InlineData(302, true)]
    public async Task Send_ReceiverRefuses_IsFinalUnlessItMayTakeItLater(int status, bool final)
    {
        var followed = false;
        await using var receiver = await StartAsync(context =>
        {
            followed |= context.Request.Path == "/elsewhere";
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        var result = await SendAsync(receiver, "{}");

        Assert.Equal((final, false), (result.IsFinal, followed));
        Assert.Contains($"answered {status}", result.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ReceiverHangs_IsGivenUpInTime()
    {
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        var clock = new Shared.ManualTimeProvider();
        using var sender = Sender(new NotificationOptions { AllowPrivateAddresses = true }, clock);

        var sending = sender.SendAsync("id", _vault.Protect($"http://127.0.0.1:{((IPEndPoint)hanging.LocalEndpoint).Port}/"), "{}", default);
        using var connection = await hanging.AcceptTcpClientAsync();
        await clock.AdvanceToTimerAsync(TimeSpan.FromMinutes(1));

        Assert.Contains("did not answer in time", (await sending.WaitAsync(Shared.ManualTimeProvider.Patience)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NameThatIsAtAPrivateAddress_IsNotConnectedTo()
    {
        var asked = false;
        await using var receiver = await StartAsync(_ => { asked = true; return Task.CompletedTask; });
        using var sender = Sender(new NotificationOptions(), TimeProvider.System);

        var result = await sender.SendAsync("id", _vault.Protect($"http://localhost:{new Uri(receiver.Urls.First()).Port}/"), "{}", default);

        Assert.False(asked);
        Assert.Contains("Portal:Notifications:AllowPrivateAddresses", result.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8", true, true)]
    [InlineData("2606:4700::1111", true, true)]
    [InlineData("10.0.0.1", false, true)]
    [InlineData("172.31.255.255", false, true)]
    [InlineData("172.32.0.1", true, true)]
    [InlineData("192.168.1.1", false, true)]
    [InlineData("100.64.0.1", false, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("::ffff:10.0.0.1", false, true)]
    [InlineData("fd12:3456::1", false, true)]
    [InlineData("64:ff9b::a00:1", false, true)]
    [InlineData("169.254.169.254", false, false)]
    [InlineData("fe80::1", false, false)]
    [InlineData("0.0.0.0", false, false)]
    [InlineData("fd00:ec2::254", false, false)]
    [InlineData("100.100.100.200", false, false)]
    public void Allows_Address_ByDefaultAndWithPrivateOnes(string address, bool byDefault, bool withPrivate)
    {
        var allowing = new WebhookNetwork(new PortalOptions { Notifications = new NotificationOptions { AllowPrivateAddresses = true } });

        Assert.Equal((byDefault, withPrivate), (new WebhookNetwork(new PortalOptions()).Allows(IPAddress.Parse(address)), allowing.Allows(IPAddress.Parse(address))));
    }

    private async Task<DeliveryResult> SendAsync(WebApplication receiver, string payload)
    {
        using var sender = Sender(new NotificationOptions { AllowPrivateAddresses = true, WebhookKey = Key }, TimeProvider.System);
        return await sender.SendAsync("id-1", _vault.Protect(receiver.Urls.First() + "/secret-path"), payload, default);
    }

    private WebhookSender Sender(NotificationOptions options, TimeProvider clock)
    {
        var all = new PortalOptions { Notifications = options };
        return new WebhookSender(new WebhookNetwork(all), _vault, all, clock);
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
