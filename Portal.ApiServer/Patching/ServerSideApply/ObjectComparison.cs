using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching.ServerSideApply;

/// <summary>Which fields a write adds, changes and removes.</summary>
internal sealed record ObjectComparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    private static readonly ObjectComparison s_same = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

    public FieldSet Changed => Added.Union(Modified);

    public static ObjectComparison Between(JsonObject before, JsonObject after, StructuralSchema schema) =>
        Compare(true, before, true, after, schema, inBoth: true);

    public ObjectComparison Without(IReadOnlyCollection<string> fields) =>
        fields.Count == 0 ? this : new(Added.Without(fields), Modified.Without(fields), Removed.Without(fields));

    private static ObjectComparison Compare(bool hasLeft, JsonNode? left, bool hasRight, JsonNode? right, StructuralSchema? schema, bool inBoth)
    {
        // Parts that are there even when not written (built-in kinds) neither come nor go by themselves.
        if (inBoth && schema?.AlwaysPresent == true && hasLeft != hasRight)
        {
            JsonNode absent = schema.Type == "array" ? new JsonArray() : new JsonObject();
            (left, right) = hasLeft ? (left, absent) : (absent, right);
            (hasLeft, hasRight) = (true, true);
        }

        var shape = (hasLeft, hasRight) switch
        {
            (true, true) when left is null => FieldPaths.Shape(schema, right),
            (true, true) when right is null => FieldPaths.Shape(schema, left),
            (true, true) => Common(FieldPaths.Shape(schema, left), FieldPaths.Shape(schema, right)),
            (true, false) => FieldPaths.Shape(schema, left),
            _ => FieldPaths.Shape(schema, right),
        };
        if (shape == OwnershipShape.Leaf || (FieldPaths.IsEmpty(left) && FieldPaths.IsEmpty(right)))
        {
            return Leaf(hasLeft, left, hasRight, right);
        }

        var below = shape == OwnershipShape.Map
            ? Join(Fields(left as JsonObject ?? [], right as JsonObject ?? [], schema, hasLeft && hasRight))
            : Join(Items(left as JsonArray ?? [], right as JsonArray ?? [], schema!));
        return (hasLeft, hasRight) switch
        {
            (false, true) => below with { Added = below.Added.Union(FieldSet.Leaf) },
            (true, false) => below with { Removed = below.Removed.Union(FieldSet.Leaf) },
            _ => below,
        };
    }

    private static OwnershipShape Common(OwnershipShape left, OwnershipShape right) => left == right ? left : OwnershipShape.Leaf;

    private static ObjectComparison Leaf(bool hasLeft, JsonNode? left, bool hasRight, JsonNode? right) => (hasLeft, hasRight) switch
    {
        (false, true) => s_same with { Added = FieldSet.Leaf },
        (true, false) => s_same with { Removed = FieldSet.Leaf },
        _ => JsonNode.DeepEquals(left, right) ? s_same : s_same with { Modified = FieldSet.Leaf },
    };

    private static IEnumerable<(string Step, ObjectComparison Below)> Fields(
        JsonObject left, JsonObject right, StructuralSchema? schema, bool inBoth)
    {
        foreach (var (name, value) in left)
        {
            var has = right.TryGetPropertyValue(name, out var other);
            yield return (FieldPaths.Field(name), Compare(true, value, has, other, schema?.Property(name), inBoth));
        }

        foreach (var (name, value) in right)
        {
            if (!left.ContainsKey(name))
            {
                yield return (FieldPaths.Field(name), Compare(false, null, true, value, schema?.Property(name), inBoth));
            }
        }
    }

    private static IEnumerable<(string Step, ObjectComparison Below)> Items(JsonArray left, JsonArray right, StructuralSchema schema)
    {
        var before = Index(left, schema);
        var after = Index(right, schema);
        foreach (var (step, value) in before)
        {
            var has = after.TryGetValue(step, out var other);
            yield return (step, Compare(true, value, has, other, schema.Items, has));
        }

        foreach (var (step, value) in after)
        {
            if (!before.ContainsKey(step))
            {
                yield return (step, Compare(false, null, true, value, schema.Items, false));
            }
        }
    }

    private static Dictionary<string, JsonNode?> Index(JsonArray list, StructuralSchema schema)
    {
        var index = new Dictionary<string, JsonNode?>(list.Count, StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (FieldPaths.Item(item, schema) is { } step)
            {
                index.TryAdd(step, item);
            }
        }

        return index;
    }

    private static ObjectComparison Join(IEnumerable<(string Step, ObjectComparison Below)> parts)
    {
        List<KeyValuePair<string, FieldSet>>? added = null, modified = null, removed = null;
        foreach (var (step, below) in parts)
        {
            Put(ref added, step, below.Added);
            Put(ref modified, step, below.Modified);
            Put(ref removed, step, below.Removed);
        }

        return added is null && modified is null && removed is null
            ? s_same
            : new ObjectComparison(FieldSet.Of(false, added ?? []), FieldSet.Of(false, modified ?? []), FieldSet.Of(false, removed ?? []));
    }

    private static void Put(ref List<KeyValuePair<string, FieldSet>>? list, string step, FieldSet set)
    {
        if (!set.IsEmpty)
        {
            (list ??= []).Add(KeyValuePair.Create(step, set));
        }
    }
}
