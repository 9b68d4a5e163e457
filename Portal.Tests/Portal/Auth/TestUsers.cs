using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>Somebody to act for, without a request or a circuit.</summary>
internal static class TestUsers
{
    public static CurrentUser Administrator() => Of(LocalPersona.Administrator);

    public static CurrentUser Of(LocalPersona persona)
    {
        var user = new CurrentUser(new AccessPolicy(LocalPersona.Bindings));
        user.Become(persona.Principal(), "127.0.0.1");
        return user;
    }
}
