namespace Portal.ApiServer.Handlers;

/// <summary>Bodies in the Kubernetes protobuf encoding, which kubectl uses for commands such as <c>create configmap</c>.</summary>
internal static class ProtobufBody
{
    /// <exception cref="ApiException">415: not read; the message says what to do instead.</exception>
    public static RequestBody Parse(byte[] bytes, string kind) => throw ApiException.UnsupportedMediaType(
        $"{MediaType.Json}, {MediaType.Yaml}",
        $"; a {kind} in protobuf ({bytes.Length} bytes) is not read here: write it with --dry-run=client -o yaml and pipe that into kubectl apply -f -");
}
