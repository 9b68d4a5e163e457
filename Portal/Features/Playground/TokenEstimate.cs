using Portal.Dotprompt.Messages;

namespace Portal.Features.Playground;

/// <summary>
/// About how many tokens messages are, for any model: four letters of Latin script a token, one for each character of other scripts and each digit group,
/// and some for every message. Media do not count; vendors price them each their own way.
/// </summary>
public static class TokenEstimate
{
    private const int PerMessage = 4;

    public static long Of(IReadOnlyList<Message> messages) =>
        messages.Sum(message => PerMessage + message.Content.Sum(static part => part is TextPart text ? Of(text.Text) : 0));

    public static long Of(ReadOnlySpan<char> text)
    {
        // In quarters of a token.
        long quarters = 0;
        var inNumber = 0;
        foreach (var c in text)
        {
            inNumber = char.IsAsciiDigit(c) ? inNumber + 1 : 0;
            quarters += c switch
            {
                _ when inNumber > 0 => inNumber % 3 == 1 ? 4 : 0,
                < '\u0250' when char.IsLetter(c) => 1,
                ' ' => 0,
                '\n' => 2,
                < '\u0250' => 3,
                _ when char.IsLowSurrogate(c) => 0,
                _ => 4,
            };
        }

        return (quarters + 3) / 4;
    }
}
