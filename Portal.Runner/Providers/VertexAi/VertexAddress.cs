using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.VertexAi;

/// <summary>Where a model is: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations.</summary>
/// <param name="Host">Address of the location.</param>
/// <param name="Path">Path and query below it.</param>
internal sealed record VertexAddress(string Host, string Path)
{
    private const string ProjectVariable = "GOOGLE_CLOUD_PROJECT";
    private const string LocationVariable = "GOOGLE_CLOUD_LOCATION";
    private const string DefaultLocation = "us-central1";

    public static IReadOnlyList<string> Variables { get; } = [ProjectVariable, LocationVariable];

    /// <exception cref="Engine.GenkitException">No project is configured, or one of the names cannot be part of an address.</exception>
    public static VertexAddress Of(ModelRequest request, GoogleCredential credential)
    {
        var project = Setting(request, "projectId") ?? request.Credentials?.Find(ProjectVariable)?.Trim() ?? credential.ProjectId;
        if (string.IsNullOrEmpty(project))
        {
            throw ProviderFailures.Config($"No project for vertexai: set extraConfig.projectId of the plugin, or {ProjectVariable}.");
        }

        var location = Setting(request, "location") ?? Filled(request.Plugin?.Region) ?? Filled(request.Credentials?.Find(LocationVariable)) ?? DefaultLocation;
        if (!location.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
        {
            throw ProviderFailures.Config("extraConfig.location of the plugin must be the name of a location, such as \"europe-west4\".");
        }

        var host = location == "global" ? "https://aiplatform.googleapis.com" : $"https://{location}-aiplatform.googleapis.com";
        return new VertexAddress(host, $"/v1/projects/{UrlPath.Segment(project)}/locations/{location}/{ModelPath(request.Model)}:{(request.Stream ? "streamGenerateContent?alt=sse" : "generateContent")}");
    }

    /// <summary>A name with slashes is a resource of the location, such as <c>endpoints/123</c> or <c>publishers/google/models/…</c>.</summary>
    private static string ModelPath(string model)
    {
        var path = string.Join('/', model.Split('/').Select(UrlPath.Segment));
        return path.Contains('/', StringComparison.Ordinal) ? path : "publishers/google/models/" + path;
    }

    private static string? Setting(ModelRequest request, string name) => request.Plugin?.ExtraConfig?[name] switch
    {
        null => null,
        var value => Filled(value.Text()) ?? throw ProviderFailures.Config($"extraConfig.{name} of the plugin must be a string with text."),
    };

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
