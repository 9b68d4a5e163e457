using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Portal.Auth;

/// <summary>Who somebody is, and what they may do.</summary>
public static class AuthModule
{
    public static IServiceCollection AddPortalAuth(this IServiceCollection services)
    {
        services.AddSingleton(new AccessPolicy(LocalPersona.Bindings));
        services.AddScoped<CurrentUser>();
        services.AddScoped<CircuitHandler, CircuitUser>();
        services.AddHttpContextAccessor();
        services.AddAuthentication(LocalPersona.Scheme)
            .AddScheme<AuthenticationSchemeOptions, LocalAuthenticationHandler>(LocalPersona.Scheme, displayName: null, configureOptions: null);
        return services;
    }
}
