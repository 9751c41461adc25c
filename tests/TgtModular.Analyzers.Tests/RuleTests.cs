namespace TgtModular.Analyzers.Tests;

/// <summary>Each rule finds what it is there for, and nothing that is right.</summary>
[TestClass]
public sealed class RuleTests
{
    [TestMethod]
    [DataRow("new AdditionalSense(0x24, 0x00)")]
    [DataRow("new AdditionalSense(Qualifier: 2, Code: 0x04)")]
    public async Task SenseCode_Numbers_AreFound(string code) =>
        CollectionAssert.AreEqual(new[] { code }, await Analysis.FindAsync<SenseCodeAnalyzer>($"class C {{ AdditionalSense A() => {code}; }}"));

    [TestMethod]
    [DataRow("AdditionalSense.InvalidFieldInCdb")]
    [DataRow("new AdditionalSense(0x80, 0x01)")]
    [DataRow("new AdditionalSense(0x04, 0x90)")]
    [DataRow("new AdditionalSense(code, 0)")]
    [DataRow("default")]
    public async Task SenseCode_NamesAndVendorCodes_AreNot(string code) =>
        Assert.IsEmpty(await Analysis.FindAsync<SenseCodeAnalyzer>($"class C {{ AdditionalSense A(byte code) => {code}; }}"));

    [TestMethod]
    [DataRow("new Thread(() => { })")]
    [DataRow("new Timer(_ => { })")]
    [DataRow("new System.Timers.Timer()")]
    [DataRow("new PeriodicTimer(TimeSpan.FromSeconds(1))")]
    [DataRow("ThreadPool.QueueUserWorkItem(_ => { })")]
    [DataRow("Task.Run(() => { })")]
    [DataRow("Task.Factory.StartNew(() => { })")]
    public async Task RawThread_OnesOwn_IsFound(string code) =>
        CollectionAssert.AreEqual(new[] { code }, await Analysis.FindAsync<RawThreadAnalyzer>($"class C {{ object? A() => {code}; }}"));

    [TestMethod]
    [DataRow("clock.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.Zero)")]
    [DataRow("Task.WhenAll()")]
    [DataRow("Task.FromResult(Thread.CurrentThread)")]
    public async Task RawThread_OfTheHost_IsNot(string code) =>
        Assert.IsEmpty(await Analysis.FindAsync<RawThreadAnalyzer>($"class C {{ object? A(TimeProvider clock) => {code}; }}"));

    [TestMethod]
    [DataRow("async void A() => await Task.Yield();", "A")]
    [DataRow("async void A() { await Task.Yield(); try { } catch { } }", "A")]
    [DataRow("async void A() { try { await Task.Yield(); } catch (InvalidOperationException) { } }", "A")]
    [DataRow("async void A() { try { await Task.Yield(); } catch (Exception e) when (e is TimeoutException) { } }", "A")]
    [DataRow("void A() { B(); async void B() { await Task.Yield(); } }", "B")]
    [DataRow("Action A() => async () => await Task.Yield();", "async () => await Task.Yield()")]
    [DataRow("event Action? E; void A() => E += () => Console.WriteLine();", "() => Console.WriteLine()")]
    public async Task UnguardedCallback_LettingExceptionsOut_IsFound(string members, string where) =>
        CollectionAssert.AreEqual(new[] { where }, await Analysis.FindAsync<UnguardedCallbackAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    [DataRow("async void A() { try { await Task.Yield(); } catch { } }")]
    [DataRow("async void A() { try { await Task.Yield(); } catch (TimeoutException) { } catch (Exception) { } finally { } }")]
    [DataRow("async Task A() => await Task.Yield();")]
    [DataRow("Func<Task> A() => async () => await Task.Yield();")]
    [DataRow("event Action? E; void A() => E += () => { try { Console.WriteLine(); } catch { } };")]
    [DataRow("event Action? E; void A() => E += () => { };")]
    [DataRow("Action A() => () => Console.WriteLine();")]
    public async Task UnguardedCallback_GuardedOrAwaited_IsNot(string members) =>
        Assert.IsEmpty(await Analysis.FindAsync<UnguardedCallbackAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    [DataRow("static int s;", "s")]
    [DataRow("static int S { get; set; }", "S")]
    [DataRow("static readonly List<int> s = new();", "s")]
    [DataRow("static readonly System.Collections.Concurrent.ConcurrentDictionary<int, int> s = new();", "s")]
    [DataRow("[ThreadStatic] static int s;", "s")]
    public async Task StaticState_ThatChanges_IsFound(string members, string where) =>
        CollectionAssert.AreEqual(new[] { where }, await Analysis.FindAsync<StaticStateAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    [DataRow("const int S = 1;")]
    [DataRow("static readonly int s = 1;")]
    [DataRow("static readonly byte[] s = { 1, 2 };")]
    [DataRow("static int S { get; } = 1;")]
    [DataRow("static readonly System.Collections.Frozen.FrozenDictionary<int, int>? s = null;")]
    [DataRow("int s; List<int> t = new();")]
    [DataRow("enum E { A, B }")]
    public async Task StaticState_ThatStays_IsNot(string members) => Assert.IsEmpty(await Analysis.FindAsync<StaticStateAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    [DataRow("async Task<int> A(Task<int> t) { await Task.Yield(); return t.Result; }", "t.Result")]
    [DataRow("Task A(Task t) { t.Wait(); return t; }", "t.Wait()")]
    [DataRow("ValueTask A(ValueTask t) { t.GetAwaiter().GetResult(); return default; }", "t.GetAwaiter().GetResult()")]
    [DataRow("async Task A() { await Task.Yield(); Thread.Sleep(1); }", "Thread.Sleep(1)")]
    [DataRow("Func<Task> A(Task t) => async () => { await Task.Yield(); t.Wait(); };", "t.Wait()")]
    [DataRow("void A(Task t) { B(); async Task B() { await Task.Yield(); Task.WaitAll(t); } }", "Task.WaitAll(t)")]
    public async Task Blocking_InAnAsynchronousFunction_IsFound(string members, string where) =>
        CollectionAssert.AreEqual(new[] { where }, await Analysis.FindAsync<BlockingAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    public async Task Blocking_InAMemberOfTheContract_IsFound() =>
        CollectionAssert.AreEqual(
            new[] { "t.Wait()" },
            await Analysis.FindAsync<BlockingAnalyzer>("class C : INexusObserver { public void CloseRequested(NexusEnd end) { Task t = Task.CompletedTask; t.Wait(); } }"));

    [TestMethod]
    [DataRow("int A(Task<int> t) => t.Result;")]
    [DataRow("async Task<int> A(Task<int> t) => t.IsCompletedSuccessfully ? t.Result : await t;")]
    [DataRow("ValueTask<int> A(ValueTask<int> t) { if (t.IsCompleted) return new(t.Result); return t; }")]
    [DataRow("Task A(Action<Action> run, Task t) { run(() => t.Wait()); return t; }")]
    [DataRow("async Task<int> A(Task<int> t) => await t;")]
    public async Task Blocking_WhereItMay_IsNot(string members) => Assert.IsEmpty(await Analysis.FindAsync<BlockingAnalyzer>($"class C {{ {members} }}"));

    [TestMethod]
    public async Task Citation_WithoutAClause_IsFound() =>
        Assert.HasCount(1, await Analysis.FindAsync<CitationAnalyzer>(Row("/// <summary>TEST UNIT READY.</summary>")));

    [TestMethod]
    [DataRow("/// <summary>TEST UNIT READY (SPC-4 section 6.47).</summary>")]
    [DataRow("// As RFC 7143 has it.")]
    [DataRow("/// <remarks>SPC-4 table 123</remarks>")]
    public async Task Citation_WithAClause_IsNot(string comment)
    {
        Assert.IsEmpty(await Analysis.FindAsync<CitationAnalyzer>(Row(comment)));
        Assert.IsEmpty(await Analysis.FindAsync<CitationAnalyzer>(comment + "\n" + Row("")));
    }

    private static string Row(string comment) =>
        $"class C {{\n{comment}\nCommandDescriptor A() => new() {{ OperationCode = 0, Name = \"A\", UsageMask = new byte[6], Handler = _ => default }};\n}}";
}
