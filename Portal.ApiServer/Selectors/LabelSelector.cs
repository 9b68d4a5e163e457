namespace Portal.ApiServer.Selectors;

/// <summary>A label selector: every requirement must hold. Equality (<c>a=b</c>, <c>a!=b</c>), sets (<c>a in (x,y)</c>), <c>a</c>, <c>!a</c>, <c>a&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    public static LabelSelector Everything { get; } = new();

    public bool IsEmpty => throw new NotImplementedException();

    /// <summary>Parses the text form; null and empty select everything.</summary>
    /// <exception cref="SelectorException">It does not parse.</exception>
    public static LabelSelector Parse(string? text) => throw new NotImplementedException();

    /// <summary>Reads the object form, <c>{matchLabels, matchExpressions}</c>; null selects everything.</summary>
    /// <exception cref="SelectorException">An operator or value is wrong.</exception>
    public static LabelSelector FromJson(JsonObject? selector) => throw new NotImplementedException();

    /// <summary>Whether the labels in <c>metadata.labels</c> of <paramref name="target"/> match.</summary>
    public bool Matches(JsonObject target) => throw new NotImplementedException();
}
