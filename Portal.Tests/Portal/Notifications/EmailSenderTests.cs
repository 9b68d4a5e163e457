using System.Net;
using System.Net.Sockets;
using System.Text;
using Portal.Features.Notifications;

namespace Portal.Tests.Portal.Notifications;

public sealed class EmailSenderTests
{
    [Fact]
    public async Task Send_RealServer_TakesOneMailWithTheTextAsItWas()
    {
        using var server = await SmtpPeer.StartAsync();

        var result = await Sender(server.Port).SendAsync("id-1", "ada@example.com", "Budget “Größe” is used up", "Ünïcode\nline two", default);

        Assert.Null(result.Problem);
        var mail = await server.NextAsync();
        Assert.Equal("portal@example.com", mail["from"]!.ToString());
        Assert.Equal("ada@example.com", Assert.Single(mail["to"]!.AsArray())!.ToString());
        Assert.Contains("Message-ID: <id-1@example.com>", mail["head"]!.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Budget “Größe” is used up", DecodeSubject(mail["head"]!.ToString()), StringComparison.Ordinal);
        Assert.Contains("Ünïcode", Encoding.UTF8.GetString(Convert.FromBase64String(mail["body"]!.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_SubjectThatTriesToAddHeaders_StaysASubject()
    {
        using var server = await SmtpPeer.StartAsync();

        await Sender(server.Port).SendAsync("id", "ada@example.com", "Hi\r\nBcc: eve@example.com\r\n\r\nGotcha", "text", default);

        var mail = await server.NextAsync();
        Assert.Single(mail["to"]!.AsArray());
        Assert.DoesNotContain(mail["head"]!.ToString().Split("\r\n"), line => line.StartsWith("Bcc:", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Send_ServerRefusesTheMailbox_IsFinal()
    {
        using var server = await SmtpPeer.StartAsync("--refuse");

        var result = await Sender(server.Port).SendAsync("id", "ada@example.com", "s", "b", default);

        Assert.True(result.IsFinal);
        Assert.Contains("mailbox", result.Problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Send_ServerWithoutEncryption_GetsNeitherMailNorPassword()
    {
        using var server = await SmtpPeer.StartAsync();

        var result = await Sender(server.Port, smtp => smtp with { Security = SmtpSecurity.StartTls, User = "ada", Password = "s3cr3t-word" }).SendAsync("id", "ada@example.com", "s", "b", default);

        Assert.NotNull(result.Problem);
        Assert.False(result.IsFinal);
        Assert.DoesNotContain("s3cr3t-word", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ServerNobodyVouchesFor_GetsNoMail()
    {
        using var server = await SmtpPeer.StartAsync("--own-tls");

        var result = await Sender(server.Port, smtp => smtp with { Security = SmtpSecurity.StartTls }).SendAsync("id", "ada@example.com", "s", "b", default);

        Assert.Contains("certificate", result.Problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Send_ServerThatSaysNothing_IsGivenUpInTime()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var clock = new Shared.ManualTimeProvider();

        var sending = Sender(((IPEndPoint)silent.LocalEndpoint).Port, clock: clock).SendAsync("id", "ada@example.com", "s", "b", default);
        using var connection = await silent.AcceptTcpClientAsync();
        await clock.AdvanceToTimerAsync(TimeSpan.FromMinutes(1));

        Assert.Contains("did not answer in time", (await sending.WaitAsync(Shared.ManualTimeProvider.Patience)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NoServerThere_IsTriedAgain()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var result = await Sender(port).SendAsync("id", "ada@example.com", "s", "b", default);

        Assert.False(result.IsFinal);
        Assert.Contains("cannot be reached", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NothingConfigured_SaysWhichOption() =>
        Assert.Contains("Portal:Notifications:Smtp:Host", (await new EmailSender(new PortalOptions(), TimeProvider.System).SendAsync("id", "a@b.example", "s", "b", default)).Problem, StringComparison.Ordinal);

    private static EmailSender Sender(int port, Func<SmtpOptions, SmtpOptions>? change = null, TimeProvider? clock = null)
    {
        var smtp = new SmtpOptions { Host = "127.0.0.1", Port = port, Security = SmtpSecurity.None, From = "portal@example.com" };
        return new EmailSender(new PortalOptions { Notifications = new NotificationOptions { Smtp = change?.Invoke(smtp) ?? smtp } }, clock ?? TimeProvider.System);
    }

    private static string DecodeSubject(string head)
    {
        var subject = string.Concat(head.Split("\r\n").SkipWhile(line => !line.StartsWith("Subject:", StringComparison.Ordinal)).TakeWhile((line, index) => index == 0 || line.StartsWith(' ')));
        return string.Concat(System.Text.RegularExpressions.Regex.Matches(subject, @"=\?utf-8\?B\?([^?]*)\?=", System.Text.RegularExpressions.RegexOptions.IgnoreCase)
            .Select(match => Encoding.UTF8.GetString(Convert.FromBase64String(match.Groups[1].Value))));
    }
}
