using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>
/// Finds partials that lead back to themselves by calls that stand in no block, which happen in every rendering: a call in a block may be a recursion that ends.
/// Each partial is read once.
/// </summary>
internal sealed class PartialCycles(Func<string, string?> source)
{
    /// <summary>As deep as rendering goes.</summary>
    private const int MaxDepth = 100;

    private readonly Dictionary<string, IReadOnlyList<string>> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>?> _found = new(StringComparer.Ordinal);

    /// <summary>The names from <paramref name="name"/> round to the one that comes again; null when none does.</summary>
    public IReadOnlyList<string>? Find(string name)
    {
        if (!_found.TryGetValue(name, out var path))
        {
            var way = new List<string>();
            _found[name] = path = Follow(name, way, new HashSet<string>(StringComparer.Ordinal)) ? way : null;
        }

        return path;
    }

    /// <summary>The same for the partials that a template calls itself.</summary>
    public IReadOnlyList<string>? FindFrom(Template template) => CallsOf(template.Body).Select(Find).FirstOrDefault(path => path is not null);

    private bool Follow(string name, List<string> path, HashSet<string> done)
    {
        if (path.Contains(name))
        {
            path.Add(name);
            return true;
        }

        if (path.Count == MaxDepth || !done.Add(name))
        {
            return false;
        }

        path.Add(name);
        foreach (var call in CallsOf(name))
        {
            if (Follow(call, path, done))
            {
                return true;
            }
        }

        path.RemoveAt(path.Count - 1);
        return false;
    }

    private IReadOnlyList<string> CallsOf(string name)
    {
        if (!_calls.TryGetValue(name, out var calls))
        {
            var text = source(name);
            _calls[name] = calls = text is null || text.Length > Documents.DotpromptDocument.MaxLength ? [] : CallsOf(Template.Parse(text).Body);
        }

        return calls;
    }

    private static List<string> CallsOf(Body body)
    {
        var calls = new List<string>();
        var own = body.Inlines.Select(inline => inline.Call.Parameters is [LiteralExpression name, ..] ? name.Original : "").ToHashSet(StringComparer.Ordinal);
        foreach (var statement in body.Statements)
        {
            var call = statement switch
            {
                PartialStatement partial => partial.Call,
                BlockStatement { Kind: BlockKind.Partial } block => block.Call,
                _ => null,
            };
            if (call is { Target: not SubExpression } && !own.Contains(call.Name))
            {
                calls.Add(call.Name);
            }
        }

        return calls;
    }
}
