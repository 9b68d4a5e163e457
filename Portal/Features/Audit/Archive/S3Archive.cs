using Portal.Runner.Aws;

namespace Portal.Features.Audit.Archive;

/// <summary>Objects of an S3 bucket.</summary>
internal sealed class S3Archive(S3Bucket bucket, string name, string prefix) : IAuditArchive
{
    public string Place => $"s3://{name}/{prefix}";

    public Task PutAsync(string name, byte[] content, string contentType, CancellationToken cancellationToken) =>
        bucket.PutAsync(prefix + name, content, contentType, cancellationToken);
}
