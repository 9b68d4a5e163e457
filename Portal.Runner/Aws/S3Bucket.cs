using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Portal.Runner.Aws;

/// <summary>Puts objects into an S3 bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html.</summary>
public sealed partial class S3Bucket(HttpMessageInvoker client, S3Place place, AwsKeys keys, TimeProvider timeProvider)
{
    private const int Attempts = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Writes one object, replacing one of the same key. Tries again while the server has trouble.</summary>
    /// <exception cref="FormatException">The server refuses; says why, without secrets.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task PutAsync(string key, byte[] document, string contentType, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var limit = new CancellationTokenSource(s_limit, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Put, place.AddressOf(key)) { Content = new ByteArrayContent(document) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
                AwsSignature.Sign(request, document, keys, place.Region, "s3", timeProvider.GetUtcNow());
                using var response = await client.SendAsync(request, either.Token);
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
