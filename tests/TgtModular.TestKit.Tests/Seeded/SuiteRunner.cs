using System.Reflection;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>Runs a case of a suite as the test framework does.</summary>
internal static class SuiteRunner
{
    /// <summary>Names of a suite's cases, as rows for a test.</summary>
    public static IEnumerable<object[]> CasesOf(Type suite) =>
        suite.GetMethods().Where(method => method.IsDefined(typeof(TestMethodAttribute))).Select(method => new object[] { method.Name });

    /// <summary>Runs a case with each of its data rows.</summary>
    /// <returns>Why it failed; null when it passed.</returns>
    public static async Task<string?> RunAsync(Func<object> make, string name)
    {
        MethodInfo method = make().GetType().GetMethod(name) ?? throw new ArgumentException($"there is no case {name}", nameof(name));
        object?[][] rows = [.. method.GetCustomAttributes<DataRowAttribute>().Select(row => row.Data ?? [])];
        foreach (object?[] row in rows.Length == 0 ? [[]] : rows)
        {
            if (await RunAsync(make(), method, row) is { } failure) return failure;
        }

        return null;
    }

    private static async Task<string?> RunAsync(object suite, MethodInfo method, object?[] row)
    {
        string? failure = await TryAsync(suite, method, row);
        string? cleanup = await TryAsync(suite, Marked<TestCleanupAttribute>(suite), []);
        (suite as IDisposable)?.Dispose();
        return failure ?? cleanup;
    }

    private static MethodInfo Marked<TAttribute>(object suite)
        where TAttribute : Attribute => suite.GetType().GetMethods().Single(method => method.IsDefined(typeof(TAttribute)));

    private static async Task<string?> TryAsync(object suite, MethodInfo method, object?[] arguments)
    {
        try
        {
            if (method.Invoke(suite, arguments) is Task running) await running;
            return null;
        }
        catch (TargetInvocationException fault)
        {
            return fault.InnerException!.Message;
        }
#pragma warning disable CA1031 // Whatever a wrong driver makes of a case, the case has failed.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return fault.Message;
        }
    }
}
