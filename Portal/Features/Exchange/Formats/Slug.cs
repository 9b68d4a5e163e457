using System.Text;
using Portal.Features.Prompts;

namespace Portal.Features.Exchange.Formats;

/// <summary>Names as prompts can have them.</summary>
internal static class Slug
{
    /// <summary>The nearest name that can be used; empty when the text has no letter or digit to make one of.</summary>
    public static string Of(string name)
    {
        var slug = new StringBuilder();
        foreach (var character in name.Length > 500 ? name[..500] : name)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                slug.Append(char.ToLowerInvariant(character));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return (slug.Length > PromptName.MaximumLength ? slug.ToString(0, PromptName.MaximumLength) : slug.ToString()).TrimEnd('-');
    }
}
