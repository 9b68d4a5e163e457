using System.Net.Mail;

namespace Portal.Features.Notifications;

/// <summary>Addresses of e-mail as they are kept: one mailbox, without a name, nothing that could end a header or name a second receiver.</summary>
internal static class EmailAddress
{
    private const int Longest = 254;

    public static bool IsValid(string? text) =>
        text is { Length: > 2 and <= Longest } && text.All(static character => character is > ' ' and < '\x7f' and not (',' or ';' or '<' or '>' or '"' or '(' or ')' or '\\' or ':' or '[' or ']'))
        && MailAddress.TryCreate(text, out var address) && address.Address == text && address.Host.Contains('.', StringComparison.Ordinal) | address.Host == "localhost";
}
