using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Portal.Auth.Oidc;
using Portal.Auth.Options;
using Portal.Auth.Sessions;
using Portal.Auth.Tokens;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Auth;

/// <summary>Who somebody is, and what they may do.</summary>
internal static class AuthModule
{
    private const string DefaultScheme = "Portal";

    public static IServiceCollection AddPortalAuth(this IServiceCollection services, PortalOptions options, DataDirectory data)
    {
        services.AddSingleton(new AccessPolicy(options.SignIn.HasSignIn ? options.SignIn.Roles : LocalPersona.Bindings, options.ReadOnly));
        services.AddHostedService<RoleReload>();
        services.AddScoped<CurrentUser>();
        services.AddScoped<CircuitHandler, CircuitUser>();
        services.AddSingleton<PersonalCluster>();
        services.AddHttpContextAccessor();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionRenewal>();
        services.AddSingleton<ServiceTokens>();
        services.AddSingleton<OidcProviders>();
        services.AddSingleton<LogoutTokens>();
        services.AddLeaderService<SessionSweep>();
        services.AddSignInLimit();
        services.AddKeyRing(options.SignIn, options.Database, data);
        var authentication = services.AddAuthentication(DefaultScheme)
            .AddPolicyScheme(DefaultScheme, null, scheme => scheme.ForwardDefaultSelector = context =>
                TokenHandler.IsShown(context.Request) ? TokenHandler.SchemeName : options.SignIn.HasSignIn ? SessionHandler.SchemeName : LocalPersona.Scheme)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(TokenHandler.SchemeName, null, null)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, null, null);
        if (!options.SignIn.HasSignIn)
        {
            authentication.AddScheme<AuthenticationSchemeOptions, LocalAuthenticationHandler>(LocalPersona.Scheme, null, null);
        }

        foreach (var provider in options.SignIn.Providers)
        {
            AddProvider(authentication, provider);
        }

        return services;
    }

    private static void AddProvider(AuthenticationBuilder authentication, OidcProviderOptions provider)
    {
        authentication.AddRemoteScheme<OidcHandlerOptions, OidcHandler>(provider.Scheme, provider.DisplayName, static _ => { });
        authentication.Services.AddOptions<OidcHandlerOptions>(provider.Scheme).Configure<OidcProviders, IDataProtectionProvider, TimeProvider, ILogger<OidcHandler>>(
            (handler, providers, protection, clock, logger) =>
            {
                var known = providers.Find(provider.Name)!;
                handler.Provider = known;
                handler.Clock = clock;
                handler.StateFormat = new PropertiesDataFormat(protection.CreateProtector("Portal.Oidc.State.v1", provider.Name));
                handler.SignInScheme = SessionHandler.SchemeName;
                handler.CallbackPath = provider.CallbackPath;
                // The answer comes as a link of the provider's page, which Lax lets through.
                handler.CorrelationCookie.SameSite = SameSiteMode.Lax;
                handler.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                handler.CorrelationCookie.Name = "gp-signin.";
                handler.Events = new RemoteAuthenticationEvents
                {
                    OnRemoteFailure = async context =>
                    {
                        var failed = context.Failure as SignInFailedException ?? new SignInFailedException(SignInProblem.Refused, context.Failure?.GetType().Name);
                        await SignInEndpoints.FailAsync(context.HttpContext, known, failed.Problem, failed.Message, logger);
                        context.HandleResponse();
                    },
                };
            });
    }
}
