using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Portal.Features.Notifications;

/// <summary>Sends mails over SMTP, one receiver each.</summary>
internal sealed class EmailSender(PortalOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly SmtpOptions _smtp = options.Notifications.Smtp;

    /// <param name="id">Becomes the mail's id: a mailbox keeps one of what comes twice.</param>
    /// <param name="receiver">A valid address.</param>
    /// <param name="subject">Of any content; line breaks become spaces.</param>
    /// <param name="body">Plain text.</param>
    /// <param name="cancellationToken">Whether the mail was taken is not known then.</param>
    public async Task<DeliveryResult> SendAsync(string id, string receiver, string subject, string body, CancellationToken cancellationToken)
    {
        if (_smtp.Host is null)
        {
            return new DeliveryResult("No mail server is configured (Portal:Notifications:Smtp:Host).", IsFinal: true);
        }

        if (!EmailAddress.IsValid(receiver))
        {
            return new DeliveryResult("That is no e-mail address.", IsFinal: true);
        }

        using var mail = Compose(id, receiver, subject, body);
        using var limit = new CancellationTokenSource(s_limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var client = new SmtpClient(_smtp.Host, _smtp.Port) { EnableSsl = _smtp.Security == SmtpSecurity.StartTls };
        if (_smtp.User is not null)
        {
            client.Credentials = new NetworkCredential(_smtp.User, _smtp.Password);
        }

        try
        {
            // A server that accepts a connection and says nothing is left alone, whatever the client waits for.
            await client.SendMailAsync(mail, either.Token).WaitAsync(either.Token);
            return DeliveryResult.Sent;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryResult($"The mail server {_smtp.Host} did not answer in time.");
        }
        catch (SmtpException exception)
        {
            return new DeliveryResult(Describe(exception), IsForGood(exception.StatusCode));
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or InvalidOperationException or FormatException)
        {
            return new DeliveryResult($"The mail server {_smtp.Host} cannot be used: {exception.Message}");
        }
    }

    private MailMessage Compose(string id, string receiver, string subject, string body)
    {
        var mail = new MailMessage(_smtp.From, receiver)
        {
            Subject = OneLine(subject),
            SubjectEncoding = Encoding.UTF8,
            Body = body,
            BodyEncoding = Encoding.UTF8,
        };
        mail.Headers.Add("Message-ID", $"<{id}@{new MailAddress(_smtp.From).Host}>");
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    private static string OneLine(string text) => string.Concat(text.Select(static character => char.IsControl(character) ? ' ' : character));

    /// <summary>What the server said, without what was sent to it.</summary>
    private string Describe(SmtpException exception) => exception.InnerException is { } inner and not SmtpException
        ? $"The mail server {_smtp.Host} cannot be reached: {inner.Message}"
        : $"The mail server {_smtp.Host} answered: {OneLine(exception.Message)}";

    // 5xx: what the server will say the next time, too. An authentication that fails may be mended by its operator.
    private static bool IsForGood(SmtpStatusCode status) => status is SmtpStatusCode.MailboxUnavailable or SmtpStatusCode.MailboxNameNotAllowed or SmtpStatusCode.UserNotLocalTryAlternatePath;
}
