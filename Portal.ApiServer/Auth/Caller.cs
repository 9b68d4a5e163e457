namespace Portal.ApiServer.Auth;

/// <summary>Who makes a request and what for, as it becomes known.</summary>
/// <param name="request">What is asked for.</param>
internal sealed class Caller(RequestAttributes request)
{
    public RequestAttributes Request { get; } = request;

    /// <summary>Whom the credentials name; null before they were found good.</summary>
    public UserInfo? Authenticated { get; set; }

    /// <summary>Whom the caller acts as; null when it is themselves.</summary>
    public UserInfo? Impersonated { get; set; }

    /// <summary>Whose rights count.</summary>
    public UserInfo User => Impersonated ?? Authenticated ?? UserInfo.Anonymous;

    /// <summary>Why it is allowed or not; null when that was not asked.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Name of the object a create made.</summary>
    public string CreatedName { get; set; } = "";
}
