using System.Text.RegularExpressions;

namespace Portal.Auth;

/// <summary>Where something holds: the name of a namespace, a beginning such as <c>team-*</c>, or <c>*</c> for everything.</summary>
internal static partial class NamespacePattern
{
    public static bool IsValid(string pattern) => Form().IsMatch(pattern);

    /// <param name="namespace">Null stands for what belongs to no namespace.</param>
    public static bool Matches(string pattern, string? @namespace) =>
        pattern == "*" || (@namespace is not null && (pattern.EndsWith('*')
            ? @namespace.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : @namespace == pattern));

    /// <summary>Whether all that <paramref name="inner"/> matches, <paramref name="outer"/> matches too.</summary>
    public static bool Includes(string outer, string inner) =>
        outer == "*" || (inner != "*" && (outer.EndsWith('*')
            ? inner.StartsWith(outer[..^1], StringComparison.Ordinal)
            : inner == outer));

    [GeneratedRegex(@"^(\*|[a-z0-9]([a-z0-9-]{0,62})\*?)\z")]
    private static partial Regex Form();
}
