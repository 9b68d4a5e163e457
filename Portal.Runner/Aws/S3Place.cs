namespace Portal.Runner.Aws;

/// <summary>Where objects are in S3 or a server that speaks its protocol.</summary>
/// <param name="Bucket">The bucket; it must exist.</param>
/// <param name="Region">Such as <c>eu-central-1</c>.</param>
/// <param name="Endpoint">Of a server that is not AWS; null is AWS.</param>
/// <param name="PathStyle">Whether the bucket is in the path rather than the host name.</param>
public sealed record S3Place(string Bucket, string Region, Uri? Endpoint, bool PathStyle)
{
    /// <summary>Certificates of AWS do not cover buckets with dots; servers that are not AWS seldom have a name for each bucket.</summary>
    public static bool IsPathStyle(string bucket, Uri? endpoint) => endpoint is not null || bucket.Contains('.', StringComparison.Ordinal);

    public Uri AddressOf(string key)
    {
        var endpoint = Endpoint ?? new Uri($"https://s3.{Region}.amazonaws.com");
        var path = string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
        return PathStyle
            ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(Bucket)}/{path}")
            : new UriBuilder(endpoint) { Host = $"{Bucket}.{endpoint.Host}", Path = $"{endpoint.AbsolutePath.TrimEnd('/')}/{path}" }.Uri;
    }
}
