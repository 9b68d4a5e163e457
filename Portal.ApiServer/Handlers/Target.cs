using Portal.ApiServer.Auth;
using Portal.ApiServer.Patching.ServerSideApply;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>What a request is about. <see cref="Name"/> is null for a collection, <see cref="Namespace"/> for all namespaces or cluster scope.</summary>
internal sealed record Target(ServedResource Resource, string? Namespace, string? Name, string? Subresource)
{
    public ObjectKey Key(string name) => Resource.Key(Namespace, name);
}

/// <summary>How to write: the parts of a request that matter below HTTP. The server's controllers make their own.</summary>
internal sealed record WriteContext
{
    public required Target Target { get; init; }
    public required string Manager { get; init; }
    public required UserInfo User { get; init; }
    public bool DryRun { get; init; }
    public FieldValidationMode FieldValidation { get; init; } = FieldValidationMode.Ignore;

    /// <summary>Texts for Warning headers, in order.</summary>
    public List<string> Warnings { get; } = [];

    public ServedResource Resource => Target.Resource;

    public FieldWriter Writer(DateTimeOffset now, string? apiVersion = null) => new()
    {
        Manager = Manager,
        ApiVersion = apiVersion ?? Resource.Definition.ApiVersion,
        Subresource = Target.Subresource,
        Now = now,
        IgnoredFields = Target.Subresource switch
        {
            null when Resource.HasStatus => ["status"],
            "status" => [.. Resource.Schema.Properties.Keys.Where(key => key is not ("apiVersion" or "kind" or "metadata" or "status"))],
            _ => [],
        },
    };
}
