namespace Portal.ApiServer.Auth;

/// <summary>Who asks.</summary>
/// <param name="Name">Name of the user, such as <c>system:serviceaccount:default:builder</c>.</param>
/// <param name="Groups">Groups the user is in.</param>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> s_noExtra = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Holder of the kubeconfig.</summary>
    public static UserInfo Administrator { get; } = new("kubernetes-admin", [Masters, Authenticated]);

    /// <summary>Code in this process, over the in-memory transport.</summary>
    public static UserInfo InProcess { get; } = new("system:portal", [Masters, Authenticated]);

    /// <summary>The server's own controllers.</summary>
    public static UserInfo Server { get; } = new("system:apiserver", [Masters, Authenticated]);

    /// <summary>Somebody without credentials.</summary>
    public static UserInfo Anonymous { get; } = new("system:anonymous", [Unauthenticated]);

    /// <summary>Identity that a name given again does not have; empty when there is none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What else the credentials said.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = s_noExtra;

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["username"] = Name };
        if (Uid.Length > 0)
        {
            json["uid"] = Uid;
        }

        if (Groups.Count > 0)
        {
            json["groups"] = Texts(Groups);
        }

        if (Extra.Count > 0)
        {
            json["extra"] = new JsonObject(Extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Texts(pair.Value))));
        }

        return json;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
