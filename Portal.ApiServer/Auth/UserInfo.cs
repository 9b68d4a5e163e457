namespace Portal.ApiServer.Auth;

/// <summary>Who asks. There is no authorisation beyond this: everyone who gets in is an administrator.</summary>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>Holder of the kubeconfig.</summary>
    public static UserInfo Administrator { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    /// <summary>Code in this process, over the in-memory transport.</summary>
    public static UserInfo InProcess { get; } = new("system:portal", ["system:masters", "system:authenticated"]);

    /// <summary>The server's own controllers.</summary>
    public static UserInfo Server { get; } = new("system:apiserver", ["system:masters", "system:authenticated"]);

    public JsonObject ToJson() => new()
    {
        ["username"] = Name,
        ["groups"] = new JsonArray([.. Groups.Select(group => (JsonNode)group)]),
    };
}
