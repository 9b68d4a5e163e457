namespace Portal.Runner.Aws;

/// <summary>What signs requests to AWS. Never printed.</summary>
public sealed class AwsKeys
{
    public const string AccessKeyName = "AWS_ACCESS_KEY_ID";
    public const string SecretKeyName = "AWS_SECRET_ACCESS_KEY";
    public const string SessionTokenName = "AWS_SESSION_TOKEN";

    public required string AccessKey { get; init; }
    public required string SecretKey { get; init; }
    public string? SessionToken { get; init; }
}
