using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>
/// A set of field paths as a tree; immutable. Steps are written as in <c>fieldsV1</c>: <c>f:name</c>, <c>k:{"port":80}</c>, <c>v:"text"</c>, <c>i:0</c>.
/// </summary>
internal sealed class FieldSet
{
    private static readonly SortedDictionary<string, FieldSet> s_none = [];
    private readonly SortedDictionary<string, FieldSet> _children;

    private FieldSet(bool isMember, SortedDictionary<string, FieldSet> children)
    {
        IsMember = isMember;
        _children = children;
    }

    public static FieldSet Empty { get; } = new(false, s_none);

    /// <summary>The path that leads here, and nothing below it.</summary>
    public static FieldSet Leaf { get; } = new(true, s_none);

    /// <summary>Whether the path that leads here is in the set.</summary>
    public bool IsMember { get; }

    /// <summary>Sets below, by step, in ordinal order; none is empty.</summary>
    public IReadOnlyDictionary<string, FieldSet> Children => _children;

    public bool IsEmpty => !IsMember && _children.Count == 0;

    /// <summary>The set below <paramref name="step"/>; empty when there is none.</summary>
    public FieldSet this[string step] => _children.GetValueOrDefault(step, Empty);

    /// <summary>Makes a node; empty children are left out.</summary>
    public static FieldSet Of(bool isMember, IEnumerable<KeyValuePair<string, FieldSet>> children)
    {
        SortedDictionary<string, FieldSet>? kept = null;
        foreach (var (step, child) in children)
        {
            if (!child.IsEmpty)
            {
                kept ??= new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
                kept[step] = kept.TryGetValue(step, out var known) ? known.Union(child) : child;
            }
        }

        return kept is null ? (isMember ? Leaf : Empty) : new FieldSet(isMember, kept);
    }

    public static FieldSet Path(params ReadOnlySpan<string> steps)
    {
        var set = Leaf;
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            set = Of(false, [KeyValuePair.Create(steps[i], set)]);
        }

        return set;
    }

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    /// <exception cref="FormatException">It is no field set.</exception>
    public static FieldSet Parse(JsonObject fields) => Parse(fields, 0);

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (step, child) in _children)
        {
            var below = child.ToJson();
            if (child.IsMember && child._children.Count > 0)
            {
                below.Insert(0, ".", new JsonObject());
            }

            json[step] = below;
        }

        return json;
    }

    public FieldSet Union(FieldSet other)
    {
        if (IsEmpty || ReferenceEquals(this, other))
        {
            return other;
        }

        return other.IsEmpty ? this : Of(IsMember || other.IsMember, _children.Concat(other._children));
    }

    /// <summary>Paths of this set that are not in <paramref name="other"/>; what lies below a removed path stays.</summary>
    public FieldSet Difference(FieldSet other) =>
        other.IsEmpty
            ? this
            : Of(IsMember && !other.IsMember, _children.Select(child => KeyValuePair.Create(child.Key, child.Value.Difference(other[child.Key]))));

    /// <summary>Paths that are in both sets.</summary>
    public FieldSet Intersection(FieldSet other) =>
        other.IsEmpty
            ? Empty
            : Of(IsMember && other.IsMember, _children.Select(child => KeyValuePair.Create(child.Key, child.Value.Intersection(other[child.Key]))));

    /// <summary>The set without the whole subtree of each top-level field named.</summary>
    public FieldSet Without(IReadOnlyCollection<string> fields) =>
        fields.Count == 0 ? this : Of(IsMember, _children.Where(child => !fields.Contains(child.Key[2..])));

    /// <summary>The set in which every field on the way to a member is a member too; items of lists are not made members.</summary>
    public FieldSet WithParents() => _children.Count == 0
        ? this
        : Of(IsMember, _children.Select(child =>
        {
            var below = child.Value.WithParents();
            return KeyValuePair.Create(child.Key, child.Key[0] == 'f' && !below.IsMember ? Of(true, below._children) : below);
        }));

    public bool SetEquals(FieldSet other) =>
        IsMember == other.IsMember && _children.Count == other._children.Count
        && _children.All(child => other._children.TryGetValue(child.Key, out var match) && child.Value.SetEquals(match));

    /// <summary>Every member as text, such as <c>.spec.ports[port=80,protocol="TCP"].name</c>, in order.</summary>
    public IEnumerable<string> Paths() => Paths("");

    private IEnumerable<string> Paths(string prefix)
    {
        if (IsMember)
        {
            yield return prefix;
        }

        foreach (var (step, child) in _children)
        {
            foreach (var path in child.Paths(prefix + Show(step)))
            {
                yield return path;
            }
        }
    }

    private static string Show(string step) => step[0] switch
    {
        'f' => "." + step[2..],
        'k' => "[" + string.Join(",", ((JsonObject)JsonNode.Parse(step[2..])!).Select(key => $"{key.Key}={key.Value?.ToJsonString() ?? "null"}")) + "]",
        'v' => $"[={step[2..]}]",
        _ => $"[{step[2..]}]",
    };

    private static FieldSet Parse(JsonObject fields, int depth)
    {
        if (depth > ObjectJson.MaxDepth)
        {
            throw new FormatException("fieldsV1 is nested too deeply");
        }

        var children = new List<KeyValuePair<string, FieldSet>>(fields.Count);
        var isMember = fields.Count == 0 && depth > 0;
        foreach (var (step, value) in fields)
        {
            if (step == ".")
            {
                isMember = true;
                continue;
            }

            if (value is not JsonObject below || step.Length < 2 || step[1] != ':' || !"fkvi".Contains(step[0], StringComparison.Ordinal))
            {
                throw new FormatException($"fieldsV1 holds \"{step}\", which is no path");
            }

            children.Add(KeyValuePair.Create(Canonical(step), Parse(below, depth + 1)));
        }

        return Of(isMember, children);
    }

    // Keys come from clients in any order and spacing; one spelling makes paths comparable.
    private static string Canonical(string step)
    {
        if (step[0] is not ('k' or 'v'))
        {
            return step;
        }

        try
        {
            var node = JsonNode.Parse(step[2..]);
            return step[0] == 'k' && node is JsonObject key ? FieldPaths.Key(key) : FieldPaths.Value(node);
        }
        catch (JsonException e)
        {
            throw new FormatException($"fieldsV1 holds \"{step}\", which is no path", e);
        }
    }
}
