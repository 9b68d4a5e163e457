using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Portal.Runner.Aws;

namespace Portal.Runner.Evaluation.Sinks;

/// <summary>Where objects are in S3 or a server that speaks its protocol.</summary>
/// <param name="Bucket">The bucket; it must exist.</param>
/// <param name="Region">Such as <c>eu-central-1</c>.</param>
/// <param name="Endpoint">Of a server that is not AWS; null is AWS.</param>
/// <param name="PathStyle">Whether the bucket is in the path rather than the host name.</param>
internal sealed record S3Place(string Bucket, string Region, Uri? Endpoint, bool PathStyle)
{
    public Uri AddressOf(string key)
    {
        var endpoint = Endpoint ?? new Uri($"https://s3.{Region}.amazonaws.com");
        var path = string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
        return PathStyle
            ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(Bucket)}/{path}")
            : new UriBuilder(endpoint) { Host = $"{Bucket}.{endpoint.Host}", Path = $"{endpoint.AbsolutePath.TrimEnd('/')}/{path}" }.Uri;
    }
}

/// <summary>One object of an S3 bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html.</summary>
internal sealed partial class S3Sink(HttpClient client, S3Place place, string key, AwsKeys keys, TimeProvider timeProvider) : IResultSink
{
    private const int Attempts = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public string Place => $"s3://{place.Bucket}/{key}";

    public int? MaxBytes => null;

    public async Task WriteAsync(byte[] document, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var limit = new CancellationTokenSource(s_limit, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Put, place.AddressOf(key)) { Content = new ByteArrayContent(document) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                AwsSignature.Sign(request, document, keys, place.Region, "s3", timeProvider.GetUtcNow());
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }

                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError) || attempt == Attempts)
                {
                    throw new FormatException(await DescribeAsync(response, either.Token));
                }
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                // Writing the same object twice is harmless.
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FormatException($"the server does not answer within {s_limit.TotalSeconds:0} s", exception);
            }

            await Task.Delay(TimeSpan.FromSeconds(1 << (attempt - 1)), timeProvider, cancellationToken);
        }
    }

    /// <summary>The code alone: S3's messages may hold the access key and what was signed.</summary>
    private static async Task<string> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var code = ErrorCode().Match(System.Text.Encoding.UTF8.GetString(buffer, 0, count));
        return $"the server answers {(int)response.StatusCode}{(code.Success ? $" {code.Groups[1].Value}" : "")}";
    }

    [GeneratedRegex("<Code>([A-Za-z0-9]{1,64})</Code>")]
    private static partial Regex ErrorCode();
}
