namespace Portal.ApiServer.Selectors;

/// <summary>A field selector (<c>metadata.name=x,type!=Normal</c>): every term must hold. Absent fields count as empty.</summary>
internal sealed class FieldSelector
{
    public static FieldSelector Everything { get; } = new();

    public bool IsEmpty => throw new NotImplementedException();

    /// <summary>The name asked for by <c>metadata.name=…</c>, or null: lets a list become a get.</summary>
    public string? Name => throw new NotImplementedException();

    /// <summary>Parses the text form; null and empty select everything.</summary>
    /// <param name="supported">Fields this resource offers besides <c>metadata.name</c> and <c>metadata.namespace</c>; see <see cref="SelectableFields"/>.</param>
    /// <exception cref="SelectorException">It does not parse, or names another field.</exception>
    public static FieldSelector Parse(string? text, IReadOnlyCollection<string> supported, bool namespaced) => throw new NotImplementedException();

    public bool Matches(JsonObject target) => throw new NotImplementedException();
}
