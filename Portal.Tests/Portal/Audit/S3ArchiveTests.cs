using Portal.Features.Audit;
using Portal.Features.Audit.Archive;
using Portal.Runner.Aws;
using Portal.Tests.Runner.Evaluation;

namespace Portal.Tests.Portal.Audit;

public sealed class S3ArchiveTests(S3Fixture s3) : IClassFixture<S3Fixture>
{
    [Fact]
    public async Task ExportAsync_ServerOfS3_GetsRowsAndHeadSigned()
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        var keys = new AwsKeys { AccessKey = S3Fixture.Key, SecretKey = S3Fixture.Key };
        var place = new S3Place(S3Fixture.Bucket, "us-east-1", s3.Address, PathStyle: true);
        var archive = new S3Archive(new S3Bucket(client, place, keys, TimeProvider.System), S3Fixture.Bucket, "audit logs/");
        using var trail = new AuditTrailFixture(audit: null, archive);
        await trail.WriteAsync(3);

        await trail.Exporter.ExportAsync(default);

        Assert.Equal(3, trail.Exporter.LastEverywhere);
        var head = AuditJson.ReadHead(await File.ReadAllTextAsync(Path.Combine(trail.AuditDirectory, "head.json")))!;
        var copied = AuditJson.ReadHead(await ReadAsync(client, place, keys, $"audit logs/head-{head.Sequence:D12}-{head.Hash[..8]}.json"))!;
        Assert.Equal((3L, head.Hash, true), (copied.Sequence, copied.Hash, trail.Key.IsSigned(copied)));
        Assert.Equal(3, (await ReadAsync(client, place, keys, $"audit logs/audit-{1:D12}-{3:D12}-{head.Hash[..8]}.jsonl")).Count(letter => letter == '\n'));
    }

    private static async Task<string> ReadAsync(HttpMessageInvoker client, S3Place place, AwsKeys keys, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, place.AddressOf(key));
        AwsSignature.Sign(request, [], keys, place.Region, "s3", TimeProvider.System.GetUtcNow());
        using var response = await client.SendAsync(request, default);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }
}
