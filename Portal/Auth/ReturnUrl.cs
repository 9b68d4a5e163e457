namespace Portal.Auth;

/// <summary>Where to go after signing in or switching: only a path of this portal, whatever was asked for.</summary>
internal static class ReturnUrl
{
    private const int MaximumLength = 2048;

    /// <summary>The path with its query when it is one of ours, else <c>/</c>.</summary>
    public static string Safe(string? asked) => IsLocal(asked) ? asked! : "/";

    // "//host" and "/\host" are other hosts to a browser, which also drops tabs and line ends before it looks.
    private static bool IsLocal(string? url) =>
        url is ['/', ..] && url.Length <= MaximumLength && !(url.Length > 1 && url[1] is '/' or '\\') && !url.Any(char.IsControl) && !url.Contains('\\')
        && Uri.IsWellFormedUriString(url, UriKind.Relative);
}
