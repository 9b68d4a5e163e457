namespace Portal.ApiServer.Auth;

/// <summary>Names and groups of service accounts as users.</summary>
internal static class ServiceAccounts
{
    public const string StorageKey = "/serviceaccounts";
    private const string Prefix = "system:serviceaccount:";

    public static string UserName(string @namespace, string name) => $"{Prefix}{@namespace}:{name}";

    public static IReadOnlyList<string> Groups(string @namespace) =>
        ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", UserInfo.Authenticated];

    /// <summary>Namespace and name of the account a user name stands for; null when it is not one.</summary>
    public static (string Namespace, string Name)? Split(string userName) =>
        userName.StartsWith(Prefix, StringComparison.Ordinal) && userName[Prefix.Length..].Split(':') is [{ Length: > 0 } within, { Length: > 0 } name]
            ? (within, name)
            : null;
}
