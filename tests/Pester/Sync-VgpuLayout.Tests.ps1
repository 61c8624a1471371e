BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Sync-VgpuLayout' -Wrong @(
    , @('Sync-VgpuLayout', 'LayoutNotFound', 'ObjectNotFound')
    , @('Sync-VgpuLayout ./none.json', 'LayoutNotFound', 'ObjectNotFound')
)

Add-ChangingTest 'Sync-VgpuLayout' -Line 'Sync-VgpuLayout' -Once -Plan 'enable 16 virtual functions' `
    -Prepare 'Enable-Sriov 0; Export-VgpuLayout -Save; Disable-Sriov 0 -Confirm:$false'

Describe 'Sync-VgpuLayout' {
    BeforeEach {
        $null = New-TestLab
        $path = Join-Path $TestDrive 'layout.json'
    }

    It 'makes a bare host what a file says, and changes nothing the second time' {
        '{"version":1,"gpus":[{"gpu":"*A30*","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"},{"profile":"1g.6gb"}]}]}' |
            Set-Content $path
        (Sync-VgpuLayout $path -PassThru).InstanceCount | Should -Be 2, 2
        $before = Get-TestState
        Sync-VgpuLayout $path
        Get-TestState | Should -Be $before
    }

    It 'saves what is there, and brings it back' {
        Get-Gpu 0 | Enable-MigMode -Reset
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb -PassThru | Should -HaveCount 2
        Export-VgpuLayout -Save
        Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false
        (Compare-VgpuLayout).Steps | Should -HaveCount 1
        Sync-VgpuLayout
        (Compare-VgpuLayout).Passed | Should -BeTrue
    }

    It 'asks about instances that the layout does not want' {
        Get-Gpu 0 | Enable-MigMode -Reset
        Export-VgpuLayout -Save
        New-MigInstance 0 -Profile 1g.6gb
        (Get-TestError { Sync-VgpuLayout }).FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
        (Get-MigInstance).Profile | Should -Be '1g.6gb'
        Sync-VgpuLayout -Confirm:$false
        Get-MigInstance | Should -BeNullOrEmpty
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'unknown members'; Text = '{"version":1,"gpus":[{"gpu":"*A30*","mog":true}]}'; Id = 'UnreadableData'; Category = 'InvalidData' }
        @{ Why = 'no JSON'; Text = 'gpus:'; Id = 'UnreadableData'; Category = 'InvalidData' }
        @{ Why = 'a GPU twice'; Text = '{"version":1,"gpus":[{"gpu":"0000:4b:00.0"},{"gpu":"4b:00.0"}]}'; Id = 'InvalidRequest'; Category = 'InvalidArgument' }
        @{ Why = 'what cannot fit together'; Text = '{"version":1,"gpus":[{"gpu":"0000:4b:00.0","mig":true,"instances":[{"profile":"4g.24gb"},{"profile":"1g.6gb"}]}]}'; Id = 'NoFreePlacement'; Category = 'ResourceUnavailable' }
        @{ Why = 'a GPU that is not there'; Text = '{"version":1,"gpus":[{"gpu":"0000:99:00.0"}]}'; Id = 'DeviceNotFound'; Category = 'ObjectNotFound' }
    ) {
        Set-Content $path $Text
        $before = Get-TestState
        $failure = Get-TestError { Sync-VgpuLayout $path }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,VgpuPS.Commands.SyncVgpuLayoutCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        Get-TestState | Should -Be $before
    }
}
