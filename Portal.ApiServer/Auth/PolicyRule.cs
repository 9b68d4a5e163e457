using System.Text;

namespace Portal.ApiServer.Auth;

/// <summary>One rule of a role. An empty list of names means every name.</summary>
internal sealed record PolicyRule
{
    private const string All = "*";

    public string[] Verbs { get; init; } = [];
    public string[] Groups { get; init; } = [];
    public string[] Resources { get; init; } = [];
    public string[] Names { get; init; } = [];
    public string[] Paths { get; init; } = [];

    /// <summary>Everything there is to be allowed.</summary>
    public static IReadOnlyList<PolicyRule> Everything { get; } =
        [new() { Verbs = [All], Groups = [All], Resources = [All] }, new() { Verbs = [All], Paths = [All] }];

    public static PolicyRule[] List(JsonNode? rules) => [.. (rules as JsonArray ?? []).OfType<JsonObject>().Select(Of)];

    public static PolicyRule Of(JsonObject rule) => new()
    {
        Verbs = Texts(rule["verbs"]),
        Groups = Texts(rule["apiGroups"]),
        Resources = Texts(rule["resources"]),
        Names = Texts(rule["resourceNames"]),
        Paths = Texts(rule["nonResourceURLs"]),
    };

    public bool Allows(RequestAttributes request) => HasOrAll(Verbs, request.Verb) && (request.IsResource
        ? HasOrAll(Groups, request.Group) && CoversResource(request.Resource, request.Subresource) && (Names.Length == 0 || Has(Names, request.Name))
        : CoversPath(request.Path));

    /// <summary>Whether whoever has this rule has <paramref name="part"/>, a rule with one value in each list.</summary>
    public bool Covers(PolicyRule part) => part.Verbs.All(verb => HasOrAll(Verbs, verb))
        && part.Groups.All(group => HasOrAll(Groups, group))
        && part.Resources.All(resource => CoversResource(resource.Split('/', 2)[0], resource.Split('/', 2).ElementAtOrDefault(1) ?? ""))
        && part.Paths.All(CoversPath)
        && (Names.Length == 0 || (part.Names.Length > 0 && part.Names.All(name => Has(Names, name))));

    /// <summary>The rule as single permissions: one verb on one resource of one group under one name, or one verb on one path.</summary>
    public IEnumerable<PolicyRule> Parts()
    {
        foreach (var verb in Verbs)
        {
            foreach (var path in Paths)
            {
                yield return new PolicyRule { Verbs = [verb], Paths = [path] };
            }

            foreach (var group in Groups)
            {
                foreach (var resource in Resources)
                {
                    foreach (var name in Names.DefaultIfEmpty())
                    {
                        yield return new PolicyRule { Verbs = [verb], Groups = [group], Resources = [resource], Names = name is null ? [] : [name] };
                    }
                }
            }
        }
    }

    /// <summary>The rule in the words of the real server's messages: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        void Add(string name, string[] values)
        {
            if (values.Length > 0)
            {
                parts.Add($"{name}:{Quoted(values)}");
            }
        }

        Add("APIGroups", Groups);
        Add("Resources", Resources);
        Add("NonResourceURLs", Paths);
        Add("ResourceNames", Names);
        Add("Verbs", Verbs);
        return $"{{{string.Join(", ", parts)}}}";
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["verbs"] = Array(Verbs) };
        void Add(string name, string[] values)
        {
            if (values.Length > 0)
            {
                json[name] = Array(values);
            }
        }

        Add("apiGroups", Groups);
        Add("resources", Resources);
        Add("resourceNames", Names);
        Add("nonResourceURLs", Paths);
        return json;
    }

    /// <summary>A list of texts as Go prints it.</summary>
    public static string Quoted(IEnumerable<string> values) => new StringBuilder("[").AppendJoin(' ', values.Select(value => $"\"{value}\"")).Append(']').ToString();

    private bool CoversResource(string resource, string subresource)
    {
        foreach (var known in Resources)
        {
            if (known == All || (subresource.Length == 0 ? known == resource : IsSubresource(known, resource, subresource)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether <paramref name="known"/> is <c>resource/subresource</c> or <c>*/subresource</c>.</summary>
    private static bool IsSubresource(string known, string resource, string subresource)
    {
        var slash = known.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && known.AsSpan(slash + 1).SequenceEqual(subresource) && (known.AsSpan(0, slash).SequenceEqual(resource) || known.AsSpan(0, slash).SequenceEqual(All));
    }

    private bool CoversPath(string path)
    {
        foreach (var known in Paths)
        {
            if (known == All || known == path || (known.EndsWith('*') && path.AsSpan().StartsWith(known.AsSpan()[..^1])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasOrAll(string[] list, string value)
    {
        foreach (var item in list)
        {
            if (item == All || item == value)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(string[] list, string value) => list.AsSpan().Contains(value);

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item?.ToString() ?? "")];

    private static JsonArray Array(string[] values) => new([.. values.Select(value => (JsonNode)value)]);
}
