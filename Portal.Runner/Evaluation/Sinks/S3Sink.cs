using Portal.Runner.Aws;

namespace Portal.Runner.Evaluation.Sinks;

/// <summary>One object of an S3 bucket.</summary>
internal sealed class S3Sink(HttpClient client, S3Place place, string key, AwsKeys keys, TimeProvider timeProvider) : IResultSink
{
    private readonly S3Bucket _bucket = new(client, place, keys, timeProvider);

    public string Place => $"s3://{place.Bucket}/{key}";

    public int? MaxBytes => null;

    public Task WriteAsync(byte[] document, CancellationToken cancellationToken) => _bucket.PutAsync(key, document, "application/json", cancellationToken);
}
