BeforeAll { . (Join-Path $PSScriptRoot 'Common.ps1') }

Describe 'Sync-VgpuLayout' {
    BeforeEach { $null = New-TestLab }
    AfterAll { Disconnect-All }

    It 'makes a bare host what a file says, and changes nothing the second time' {
        $path = Join-Path $TestDrive 'layout.json'
        '{"version":1,"gpus":[{"gpu":"*A30*","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"},{"profile":"1g.6gb"}]}]}' |
            Set-Content $path
        (Test-VgpuLayout $path).Passed | Should -BeFalse
        (Sync-VgpuLayout $path -PassThru).InstanceCount | Should -Be 2, 2
        Test-VgpuLayout $path -Quiet | Should -BeTrue
        $before = Get-TestState
        Sync-VgpuLayout $path
        Get-TestState | Should -Be $before
    }

    It 'saves what is there, and brings it back' {
        Get-Gpu 0 | Enable-MigMode
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb -PassThru | Should -HaveCount 2
        Export-VgpuLayout -Save
        Get-MigInstance -Profile 1g.6gb | Remove-MigInstance
        (Compare-VgpuLayout).Steps | Should -HaveCount 1
        Sync-VgpuLayout
        (Compare-VgpuLayout).Passed | Should -BeTrue
    }

    It 'says what is missing' {
        (Get-TestError { Sync-VgpuLayout }).FullyQualifiedErrorId | Should -BeLike 'LayoutNotFound,*'
        (Get-TestError { Sync-VgpuLayout ./none.json }).FullyQualifiedErrorId | Should -BeLike 'LayoutNotFound,*'
    }
}
