namespace Portal.Kubernetes.Selectors;

/// <summary>Rules for label keys and values (apimachinery's qualified names).</summary>
public static class LabelNames
{
    private const int MaxName = 63;
    private const int MaxPrefix = 253;

    /// <exception cref="SelectorException">It is no label key.</exception>
    public static void CheckKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (slash == 0 || slash > MaxPrefix || name.Length is 0 or > MaxName || !IsName(name) || name.Contains('/', StringComparison.Ordinal)
            || (slash > 0 && !IsSubdomain(key[..slash])))
        {
            throw new SelectorException(
                $"unable to parse requirement: key: Invalid value: \"{key}\": name part must consist of alphanumeric characters, '-', '_' or '.', "
                + "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
                + "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
        }
    }

    /// <exception cref="SelectorException">It is no label value.</exception>
    public static void CheckValue(string key, string value)
    {
        if (value.Length > MaxName || (value.Length > 0 && !IsName(value)))
        {
            throw new SelectorException(
                $"unable to parse requirement: values[0][{key}]: Invalid value: \"{value}\": a valid label must be an empty string or consist of "
                + "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
                + "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
        }
    }

    private static bool IsName(string text) =>
        char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    public static bool IsSubdomain(string text) =>
        text.Split('.').All(part => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && char.IsAsciiLetterOrDigit(part[^1])
            && part.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'));
}
